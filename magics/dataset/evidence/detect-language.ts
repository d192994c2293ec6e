/** Scripts that are written in one language, or in few, with the letters that tell these apart. */
const scripts: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, () => 'ja'],
  [/\p{Script=Hangul}/gu, () => 'ko'],
  [/\p{Script=Han}/gu, () => 'zh'],
  [/\p{Script=Cyrillic}/gu, (text) => (/[іїєґ]/i.test(text) ? 'uk' : 'ru')],
  [/\p{Script=Arabic}/gu, (text) => (/[پچژگ]/.test(text) ? 'fa' : 'ar')],
  [/\p{Script=Greek}/gu, () => 'el'],
  [/\p{Script=Hebrew}/gu, () => 'he'],
  [/\p{Script=Devanagari}/gu, () => 'hi'],
  [/\p{Script=Thai}/gu, () => 'th'],
];

/** The commonest words of languages in Latin script, by ISO 639-1. */
const commonWords: Readonly<Record<string, string>> = {
  en: 'the of and to in is that it for was on are with as be at this have from or had by not but what all were when we there can an your which their if will how my me you i has been do does did why where would could should',
  de: 'der die das und ist nicht ich zu den mit ein eine einen sich auf für von im dem des auch es an werden aus er sie hat dass wie bei wird noch nach nur oder aber wir kann mein meine wurde warum wo wann habe',
  fr: 'le la les de des et est une un que qui dans pour pas sur ce il au plus par je ne se avec vous nous mais ou sont cette son mon ma mes comment pourquoi quand été ai elle du en à où',
  es: 'el la los las de que y en un una es por con no para se su al lo como más pero sus le ya o fue este mi cuando muy sin sobre también me hay donde desde nos qué cómo está yo porque',
  it: 'il lo la gli le di che è e un una in per non con si da sono come più ma anche al della dei nel mi ho questo alla dal ci quando perché mio mia dove stato cosa',
  pt: 'o a os as de que e do da em um uma para é com não se por mais como dos mas ao das foi seu sua ou quando muito nos já eu também só pelo pela até isso meu minha está onde você',
  nl: 'de het een en van is dat niet te in op zijn met voor er aan ook als om maar die was bij naar door ik je heeft hebben dit wordt mijn wat waar hoe waarom kan nog',
  sv: 'och att det som en är på av för med den till inte om har de ett var jag men så från vi kan när man efter eller hur min mitt vad varför skulle mig',
  da: 'og at det som en er på af for med den til ikke om har de et var jeg men så fra vi kan når man efter eller hvordan min mit hvad hvorfor skulle mig blev',
  fi: 'ja on ei että se hän oli en mutta kun ovat myös niin mitä tai jos kuin minun miten miksi olen voi sen tämä ole missä joka',
  pl: 'i w na z się nie do to jest że o jak po co za ale od czy przez dla tak są który jego już tylko moja mój gdzie kiedy dlaczego mam być może',
  cs: 'a v na se je že to s z do o k jsem jako za pro ale po by jak které byl jsou nebo až od kde proč můj moje kdy mám není',
  ro: 'și în de la a cu pe nu este un o care să din pentru mai că ce sunt au fost dar prin se ca cum unde când mea meu',
  hu: 'a az és hogy nem is egy de van ez meg csak már volt ha még mint kell lehet el vagy nem hol miért mikor hogyan az',
  tr: 've bir bu da de için ile çok ne o gibi daha var mi ama sonra kadar olarak değil en ben nasıl neden nerede benim ki',
  id: 'yang dan di dengan untuk ini itu dari dalam tidak pada adalah saya akan ke ada bisa atau juga oleh kami sudah apa bagaimana mengapa',
  vi: 'và của là có không được cho người trong một này đã những với các tôi bạn ở khi đến như để tại sao nào thế',
};

/** How surely the words of a language tell it: a word that several languages share counts less for each. */
const weights = new Map<string, Map<string, number>>();
for (const [language, text] of Object.entries(commonWords)) {
  for (const word of new Set(text.split(' '))) {
    const shared = Object.values(commonWords).filter((other) => other.split(' ').includes(word)).length;
    weights.set(word, (weights.get(word) ?? new Map<string, number>()).set(language, 1 / shared));
  }
}

/** Characters of a text that are looked at. */
const lookedCharacters = 2000;
/** Sum of weights that a language needs, and how many times the next one's. */
const minimumWeight = 1;
const minimumLead = 1.4;

/**
 * Language of a text by ISO 639-1, from its script and its commonest words; null where a text is too short, mixed or in
 * none of the 28 languages that are known. No model: it tells what is mostly what, not the language of a single word.
 */
export function detectLanguage(text: string): string | null {
  const looked = text.slice(0, lookedCharacters);
  const letters = looked.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return null;
  return byScript(looked, letters) ?? byWords(looked);
}

function byScript(text: string, letters: number): string | null {
  for (const [script, languageOf] of scripts) {
    const share = (text.match(script)?.length ?? 0) / letters;
    // Japanese is written with Chinese letters too; everything else must be most of the text.
    if (share > (languageOf('') === 'ja' ? 0.1 : 0.5)) return languageOf(text);
  }
  return null;
}

function byWords(text: string): string | null {
  const scores = new Map<string, number>();
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    for (const [language, weight] of weights.get(word) ?? []) {
      scores.set(language, (scores.get(language) ?? 0) + weight);
    }
  }
  const [best, next] = [...scores].sort(([, a], [, b]) => b - a);
  if (best === undefined || best[1] < minimumWeight || best[1] < minimumLead * (next?.[1] ?? 0)) return null;
  return best[0];
}
