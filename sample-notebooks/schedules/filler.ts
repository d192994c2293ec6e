import type { Random } from './random.ts';

const words =
  'the a our my this that big small new old red blue system data file folder user team house car dog bird music game player lamp heater door window coffee tea lunch meeting call note list page site shop order price market bank cloud node disk cache table query model print sort merge pull push move write read build deploy test compress rotate load store fetch paste turn switch close lock play stop fire execute invoke perform have get give take put keep help must would will shall might want like hope think know plan expect ask tell say said with without into over under about because if then so but also really very quite simply maybe always usually normally hello hi friend boss folks everyone someone nobody they he she you me us them its their your his her for as is are was were be been being there here now today later soon too well good nice great fine best important critical low high priority task process service worker agent robot program app tool engine machine computer laptop phone printer camera sensor light valve fan oven plant cat fish school office work home customer client payment salary budget tax stock trade news weather photo video song book story letter message alert event entry item record field value number name title label'.split(
    ' ',
  );

/**
 * Puts a schedule's words among random ones, pseudo-words included, in random order: a model that has read enough of these
 * looks for the schedule in a sentence and ignores the rest.
 */
export function scatter(when: string, time: string | undefined, random: Random): string {
  const before = random.pick(['at ', 'at ', 'at ', 'at ', '', '', '@ ', 'for ', 'time: ', 'around ', 'by ']);
  const timed = time === undefined ? [when] : [when, before + time];
  let text = random.shuffle(timed).join(joint(random));
  if (random.chance(0.55)) text = someWords(random, 1, 6) + joint(random) + text;
  if (random.chance(0.4)) text += joint(random) + someWords(random, 1, 4);
  return text;
}

function joint(random: Random): string {
  const draw = random.next();
  if (draw < 0.45) return ' ';
  if (draw < 0.65) return ', ';
  if (draw < 0.72) return ' - ';
  if (draw < 0.78) return ': ';
  return `${draw < 0.92 ? '' : ','} ${someWords(random, 1, 3)} `;
}

function someWords(random: Random, least: number, most: number): string {
  const count = random.integer(least, most);
  return Array.from({ length: count }, () => (random.chance(0.2) ? pseudoWord(random) : random.pick(words))).join(' ');
}

function pseudoWord(random: Random): string {
  const syllable = () =>
    random.pick([...'bcdfghjklmnprstvwz']) +
    random.pick([...'aeiou']) +
    (random.chance(0.4) ? random.pick([...'nrstlm']) : '');
  return Array.from({ length: random.integer(1, 3) }, syllable).join('');
}
