import { describe, expect, it } from 'vitest';
import { detectLanguage } from '../../../../magics/dataset/evidence/detect-language.ts';

/** Questions to a bank, in every language that is known. */
const sentences: Readonly<Record<string, readonly string[]>> = {
  en: ['Why was my card declined at the shop this morning?', 'I would like to know when the transfer will arrive.'],
  de: ['Warum wurde meine Karte heute im Laden nicht angenommen?', 'Ich habe noch keine Antwort auf meine Frage.'],
  fr: [
    'Pourquoi ma carte a-t-elle été refusée dans le magasin ?',
    "Je ne sais pas où est mon argent, il n'est pas arrivé.",
  ],
  es: ['¿Por qué no funciona mi tarjeta en la tienda?', 'Me gustaría saber cuándo llega la transferencia que hice.'],
  it: ['Perché la mia carta non funziona nel negozio?', 'Vorrei sapere quando arriva il bonifico che ho fatto ieri.'],
  pt: [
    'Por que o meu cartão não funciona na loja?',
    'Eu gostaria de saber quando a transferência vai chegar, não sei onde está.',
  ],
  nl: ['Waarom werd mijn kaart niet geaccepteerd in de winkel?', 'Ik wil graag weten wanneer het geld er is.'],
  sv: ['Varför fungerar inte mitt kort i affären?', 'Jag skulle vilja veta när pengarna kommer och hur det går.'],
  da: [
    'Hvorfor virker mit kort ikke i butikken?',
    'Jeg vil gerne vide, hvordan det blev og når pengene kommer efter ferien.',
  ],
  fi: ['Miten minun korttini ei toimi kaupassa?', 'En tiedä, miksi raha ei ole vielä tullut ja missä se on.'],
  pl: ['Dlaczego moja karta nie działa w sklepie?', 'Nie wiem, gdzie jest mój przelew i kiedy już będzie.'],
  cs: ['Proč moje karta v obchodě nefunguje, když mám peníze?', 'Nevím, kde je můj převod a kdy už bude na účtu.'],
  ro: ['De ce nu merge cardul meu în magazin?', 'Nu știu unde sunt banii și când se fac plățile din cont.'],
  hu: ['Miért nem működik a kártyám a boltban?', 'Nem tudom, hol van az utalás, és hogy mikor lehet látni.'],
  tr: [
    'Kartım neden mağazada çalışmıyor ve ne zaman gelir?',
    'Bu para için çok bekledim ama nerede olduğunu bilmiyorum.',
  ],
  id: ['Mengapa kartu saya tidak bisa dipakai di toko ini?', 'Saya tidak tahu di mana uang itu dan kapan akan sampai.'],
  vi: ['Tại sao thẻ của tôi không dùng được ở cửa hàng?', 'Tôi không biết khi nào tiền sẽ đến và ở đâu.'],
  ru: ['Почему моя карта не работает в магазине?', 'Я не знаю, где мой перевод.'],
  uk: ['Чому моя картка не працює в магазині?', 'Я не знаю, де мій переказ і коли він надійде.'],
  ar: ['لماذا لا تعمل بطاقتي في المتجر؟', 'لا أعرف أين حوالتي'],
  fa: ['چرا کارت من در فروشگاه کار نمی‌کند؟', 'نمی‌دانم پول من کجاست'],
  el: ['Γιατί δεν λειτουργεί η κάρτα μου;', 'Δεν ξέρω πού είναι τα χρήματά μου'],
  he: ['למה הכרטיס שלי לא עובד בחנות?', 'אני לא יודע איפה הכסף שלי'],
  hi: ['मेरा कार्ड दुकान में क्यों नहीं चल रहा है?', 'मुझे नहीं पता पैसा कहाँ है'],
  th: ['ทำไมบัตรของฉันใช้ไม่ได้', 'ฉันไม่รู้ว่าเงินอยู่ที่ไหน'],
  ja: ['なぜカードが店で使えないのですか。', '振込がいつ届くのか知りたいです。'],
  ko: ['왜 제 카드가 가게에서 안 되나요?', '돈이 어디 있는지 모르겠어요'],
  zh: ['为什么我的卡在商店里不能用?', '我不知道转账什么时候到'],
};

describe('the language of a text', () => {
  it.each(Object.entries(sentences))('is told: %s', (language, texts) => {
    expect(texts.map(detectLanguage)).toEqual(texts.map(() => language));
  });

  it('is not told where there is too little to go by', () => {
    const texts = ['', '30 9 * * 1-5', 'PIN', 'Visa Mastercard', 'a1b2c3', '🙂🙂', 'card_arrival'];
    expect(texts.map(detectLanguage)).toEqual(texts.map(() => null));
  });
});
