import { createHash } from 'node:crypto';
import type { PiiKind } from '../../../../magics/dataset/pii/entity.ts';
import { createRandom } from '../../../../magics/dataset/random.ts';

/** A text and the personal data that was written into it. */
export interface LabelledText {
  readonly text: string;
  readonly entities: readonly { readonly kind: PiiKind; readonly text: string }[];
}

/**
 * Sentences as people write them to a help desk, each with no, one or several pieces of personal data of every kind,
 * and as many with what only looks alike: order numbers, versions, times, failed check digits, hashes, product names.
 */
export function makeLabelledTexts(count: number, seed: number): LabelledText[] {
  const draw = createDraw(seed);
  return Array.from({ length: count }, (_, i) => {
    if (i % 4 === 3) return { text: draw.from(lookalikes)(draw), entities: [] };
    const pieces = i % 4 === 2 ? 2 : 1;
    const parts = Array.from({ length: pieces }, () => draw.from(sentences)(draw));
    return {
      text: parts.map(({ text }) => text).join(draw.from([' ', '\n', ' Also: '])),
      entities: parts.flatMap(({ entities }) => entities),
    };
  });
}

interface Draw {
  from<T>(items: readonly T[]): T;
  digits(count: number, first?: string): string;
  letters(count: number, alphabet?: string): string;
  int(low: number, high: number): number;
}

function createDraw(seed: number): Draw {
  const random = createRandom(seed);
  const int = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const pick = (alphabet: string) => alphabet[int(0, alphabet.length - 1)]!;
  return {
    int,
    from: (items) => items[int(0, items.length - 1)]!,
    digits: (count, first = '0123456789') =>
      Array.from({ length: count }, (_, i) => pick(i === 0 ? first : '0123456789')).join(''),
    letters: (count, alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') =>
      Array.from({ length: count }, () => pick(alphabet)).join(''),
  };
}

type Make = (draw: Draw) => string;

const firstNames = [
  'Amelia',
  'Oliver',
  'Priya',
  'Santiago',
  'Yuki',
  'Zoë',
  'Fatima',
  'Lukas',
  'Chloé',
  'Kwame',
  'Ingrid',
  'Mateo',
  'Siobhán',
  'Ahmed',
];
const lastNames = [
  'Johnson',
  'García',
  "O'Brien",
  'Nakamura',
  'Müller',
  'Okafor',
  'Novák',
  'Patel',
  'Smith-Jones',
  'Dubois',
  'Rossi',
  'Larsen',
];
const person: Make = (d) => `${d.from(firstNames)} ${d.from(lastNames)}`;
const domains = ['example.com', 'mail.example.org', 'acme-tools.co.uk', 'uni-bonn.example.de', 'shop.example.io'];

/** A valid value of each kind; check digits are searched, so that the generator shares no code with what it tests. */
const values: Record<PiiKind, Make> = {
  EMAIL_ADDRESS: (d) =>
    `${d.from(['amelia.j', 'o_brien', 'priya+news', 'lukas-m', 'x.y.z', 'info99'])}@${d.from(domains)}`,
  URL: (d) =>
    `${d.from(['https://', 'http://', 'https://www.'])}${d.from(domains)}/${d.from(['', 'profile/4711', 'u?id=7', 'a/b/c.html'])}`,
  IP_ADDRESS: (d) =>
    d.from([
      () => [0, 0, 0, 0].map(() => d.int(1, 254)).join('.'),
      () => `2001:db8:${d.int(1, 9999)}::${d.int(1, 9999)}`,
      () => `fe80::${d.letters(4, '0123456789abcdef')}:${d.letters(4, '123456789abcdef')}`,
    ])(),
  MAC_ADDRESS: (d) => Array.from({ length: 6 }, () => d.letters(2, '0123456789abcdef')).join(d.from([':', '-'])),
  CREDIT_CARD: (d) => grouped(withCheckDigit(d, d.from(['4', '51', '55']), 16, luhn), d.from([' ', '-', '']), 4),
  CRYPTO: (d) =>
    d.from([
      () => `0x${d.letters(40, '0123456789abcdef')}`,
      () => `1${d.letters(33, '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz')}`,
      () => `bc1q${d.letters(38, 'acdefghjklmnpqrstuvwxyz023456789')}`,
    ])(),
  IBAN_CODE: (d) => {
    const [country, length] = d.from([
      ['DE', 22],
      ['NL', 18],
      ['GB', 22],
      ['ES', 24],
      ['FR', 27],
    ] as const);
    const letters = country === 'NL' ? 'ABNA' : country === 'GB' ? 'WEST' : '';
    const body = letters + d.digits(length - 4 - letters.length);
    const check = 98 - mod97(`${body}${country}00`);
    return grouped(`${country}${String(check).padStart(2, '0')}${body}`, d.from([' ', '']), 4);
  },
  PHONE_NUMBER: (d) =>
    d.from([
      () => `+1 ${d.from(['212', '415', '312', '617'])}-${d.from(['555', '482', '736'])}-${d.digits(4)}`,
      () => `(${d.from(['212', '415', '312'])}) ${d.from(['555', '482'])}-${d.digits(4)}`,
      () => `+44 20 7946 0${d.digits(3)}`,
      () => `+49 30 ${d.digits(8, '23456')}`,
      () => `+33 6 ${d.digits(2)} ${d.digits(2)} ${d.digits(2)} ${d.digits(2)}`,
      () => `${d.from(['212', '415', '617'])}-${d.from(['555', '482'])}-${d.digits(4)}`,
    ])(),
  US_SSN: (d) => `${d.int(100, 665)}-${d.int(10, 99)}-${d.int(1000, 9999)}`,
  US_ITIN: (d) => `9${d.digits(2)}-${d.int(71, 88)}-${d.int(1000, 9999)}`,
  UK_NHS: (d) =>
    search(
      () => d.digits(10, '46'),
      (n) => elevens(n),
    ).replace(/(\d{3})(\d{3})(\d{4})/, '$1 $2 $3'),
  UK_NINO: (d) =>
    `${d.from(['AB', 'CE', 'JG', 'PW', 'SN'])}${d.from(['', ' '])}${d.digits(6)}${d.from(['A', 'B', 'C', 'D'])}`,
  ES_NIF: (d) => {
    const number = d.digits(8);
    return `${number}${'TRWAGMYFPDXBNJZSQVHLCKE'[Number(number) % 23]}`;
  },
  IT_FISCAL_CODE: (d) => d.from(['RSSMRA85T10A562S', 'VRDGPP13R10B293P']),
  PL_PESEL: (d) => d.from(['44051401359', '02070803628', '90090515836']),
  FI_PERSONAL_IDENTITY_CODE: (d) => {
    const [date, serial] = [
      `${String(d.int(1, 28)).padStart(2, '0')}0${d.int(1, 9)}${d.int(50, 99)}`,
      String(d.int(2, 899)).padStart(3, '0'),
    ];
    return `${date}-${serial}${'0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(date + serial) % 31]}`;
  },
  IN_AADHAAR: (d) => d.from(['2345 6789 0124', '3675 9834 6012', '9284 7392 8471'].filter(verhoeff)),
  IN_PAN: (d) => `${d.letters(3)}P${d.letters(1)}${d.digits(4)}${d.letters(1)}`,
  SG_NRIC_FIN: (d) => d.from(['S1234567D', 'S0000001I', 'T0123456G', 'F1234567N', 'G1234567X']),
  AU_ABN: () => '51 824 753 556',
  AU_TFN: (d) => d.from(['876 543 210', '123 456 782']),
  MEDICAL_LICENSE: (d) => `${d.from(['A', 'B', 'M', 'F'])}${d.letters(1)}${withCheckDigit(d, '', 7, dea)}`,
  US_PASSPORT: (d) => d.digits(9, '123456789'),
  US_DRIVER_LICENSE: (d) => `${d.letters(1)}${d.digits(7)}`,
  US_BANK_NUMBER: (d) => d.digits(d.int(9, 14), '123456789'),
  DATE_TIME: (d) =>
    d.from([
      () => `19${d.int(50, 99)}-0${d.int(1, 9)}-${d.int(10, 28)}`,
      () => `${d.int(1, 28)}/0${d.int(1, 9)}/19${d.int(50, 99)}`,
      () => `${d.from(['March', 'July'])} ${d.int(1, 28)}, 19${d.int(60, 99)}`,
    ])(),
  LOCATION: (d) =>
    d.from([
      () =>
        `${d.int(1, 9999)} ${d.from(['Oak', 'Elm Park', 'North Main', 'Saint James'])} ${d.from(['Street', 'Avenue', 'Rd', 'Lane', 'Boulevard'])}`,
      () => `${d.from(['Haupt', 'Garten', 'Goethe'])}straße ${d.int(1, 180)}`,
    ])(),
  PERSON: person,
};

/** Where a kind stands in a sentence; `{}` is the value. */
const frames: Record<PiiKind, readonly string[]> = {
  EMAIL_ADDRESS: ['Please write to {} about it.', 'My address is {}, thanks', '<{}>', 'cc: {}; urgent'],
  URL: ['It is on {} since yesterday.', 'See {} for details', 'I opened ({}) twice'],
  IP_ADDRESS: ['The request came from {} at noon.', 'client={} status=200', 'ping {} fails'],
  MAC_ADDRESS: ['The adapter {} lost its lease.', 'mac {}'],
  CREDIT_CARD: ['I paid with {} last week.', 'Card {} was declined', 'charge it to {}, please'],
  CRYPTO: ['Send it to {} today.', 'wallet: {}'],
  IBAN_CODE: ['Transfer it to {} by Friday.', 'IBAN: {}', 'my account {} was debited'],
  PHONE_NUMBER: ['Call me on {} after six.', 'Tel. {}', 'You can reach me at {}.', 'My new phone is {}'],
  US_SSN: ['My social security number is {}.', 'SSN {}', 'it says {} on the form'],
  US_ITIN: ['ITIN {}', 'my taxpayer number {} is new'],
  UK_NHS: ['NHS number {}', 'My NHS no. is {}'],
  UK_NINO: ['National Insurance {}', 'the NI number {} is mine'],
  ES_NIF: ['mi DNI es {}', 'NIF {}'],
  IT_FISCAL_CODE: ['codice fiscale {}', 'CF: {}'],
  PL_PESEL: ['PESEL: {}', 'my PESEL is {}'],
  FI_PERSONAL_IDENTITY_CODE: ['henkilötunnus {}', 'ID code {}'],
  IN_AADHAAR: ['Aadhaar {}', 'my Aadhaar number is {}'],
  IN_PAN: ['PAN {}', 'the PAN card {} expired'],
  SG_NRIC_FIN: ['NRIC {}', 'my FIN is {}'],
  AU_ABN: ['ABN {}', 'our ABN is {}'],
  AU_TFN: ['TFN {}', 'my tax file number is {}'],
  MEDICAL_LICENSE: ['DEA {}', 'DEA registration {}'],
  US_PASSPORT: ['Passport {}', 'my passport number is {}'],
  US_DRIVER_LICENSE: ["driver's license {}", 'My driver license number is {}'],
  US_BANK_NUMBER: ['bank account {}', 'Account number {} is closed'],
  DATE_TIME: ['I was born on {}.', 'Date of birth: {}', 'DOB {}'],
  LOCATION: ['I live at {}.', 'Ship it to {} instead', 'my flat, {}, is empty'],
  PERSON: [
    'My name is {} and I am locked out.',
    'Dear {}, thank you',
    'I spoke to {} on Monday.',
    'Kind regards,\n{}',
    'Mrs {} called twice',
    'please ask {} about the refund',
    'the parcel went to {} by mistake',
  ],
};

const sentences: readonly ((draw: Draw) => LabelledText)[] = (Object.keys(values) as PiiKind[]).map(
  (kind) => (draw) => {
    const text = values[kind](draw);
    return { text: draw.from(frames[kind]).replace('{}', () => text), entities: [{ kind, text }] };
  },
);

/** Nothing personal, however much it looks so. */
const lookalikes: readonly Make[] = [
  (d) => `Order ${d.digits(16, '123456789')} has not arrived.`,
  (d) => `tracking number ${d.digits(12)}`,
  (d) => `After version ${d.int(1, 9)}.${d.int(0, 20)}.${d.int(0, 20)}.${d.int(0, 20)} it stopped working.`,
  (d) => `It failed at ${d.int(10, 23)}:${d.int(10, 59)}:${d.int(10, 59)} today`,
  (d) => `commit ${createHash('sha1').update(d.digits(9)).digest('hex')}`,
  (d) => `id 3f2504e0-4f89-11d3-9a0c-0305e82c${d.digits(4)}`,
  (d) => `ISBN 978-3-16-14${d.digits(4)}-${d.digits(1)}`,
  (d) => `Invoice INV-${d.int(2019, 2026)}-${d.digits(6)} is wrong`,
  (d) => `The total is $${d.int(1, 9)},${d.digits(3)},${d.digits(3)}.${d.digits(2)}`,
  (d) => `we meet on ${d.int(2024, 2026)}-0${d.int(1, 9)}-${d.int(10, 28)} in room ${d.digits(3)}`,
  (d) => `The card 4${d.digits(14)}x is a sample`,
  (d) => `ratio 1.${d.digits(15)}`,
  (d) => `git@ does not resolve, nor does user@localhost, try @${d.from(['amelia', 'acme'])}`,
  (d) => `coordinates 52.${d.digits(6)}, 13.${d.digits(6)}`,
  (d) => `size ${d.int(10, 99)}x${d.int(10, 99)}x${d.int(10, 99)} cm, weight ${d.digits(3)} kg`,
  () => 'Dear Customer Support, I am Happy with Windows and Android.',
  () => 'Hi Team, my Manager said the Street food Place is closed. Kind regards',
  () => 'This is Fine. Hello World! Good Morning America.',
  (d) => `part number ${d.letters(2)}-${d.digits(3)}-${d.letters(2)}`,
  (d) => `call the function f(${d.digits(3)}, ${d.digits(4)}) ${d.digits(2)} times`,
  (d) => `error 0x${d.letters(8, '0123456789abcdef')} in module ${d.letters(3)}`,
  (d) => `the ticket ${d.digits(9, '123456789')} is still open`,
  (d) => `SKU ${d.digits(13, '123456789')} is out of stock`,
  (d) => `I walked ${d.int(2, 40)} miles on a long Road and saw 7 Ways home`,
  () => 'The IPv4 range and the :: notation are explained in section 1.2.3.4',
  (d) =>
    `lottery numbers ${d.int(10, 49)} ${d.int(10, 49)} ${d.int(10, 49)} ${d.int(10, 49)} ${d.int(10, 49)} ${d.int(10, 49)}`,
];

function search(make: () => string, accept: (text: string) => boolean): string {
  for (;;) {
    const candidate = make();
    if (accept(candidate)) return candidate;
  }
}

function withCheckDigit(draw: Draw, prefix: string, length: number, accept: (digits: string) => boolean): string {
  return search(() => prefix + draw.digits(length - prefix.length), accept);
}

function luhn(digits: string): boolean {
  const sum = Array.from(digits, Number)
    .reverse()
    .reduce((total, digit, i) => total + (i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit), 0);
  return sum % 10 === 0;
}

function elevens(digits: string): boolean {
  const sum = Array.from(digits.slice(0, 9), (digit, i) => Number(digit) * (10 - i)).reduce((a, b) => a + b, 0);
  return (sum + Number(digits[9])) % 11 === 0;
}

function dea(digits: string): boolean {
  const [a, b, c, d, e, f, g] = Array.from(digits, Number) as [number, number, number, number, number, number, number];
  return (a + c + e + 2 * (b + d + f)) % 10 === g;
}

function verhoeff(text: string): boolean {
  const multiply = (a: number, b: number) =>
    a < 5 ? (b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5) : b < 5 ? ((a - b + 5) % 5) + 5 : (a - b + 5) % 5;
  const permute = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const permuted = (digit: number, times: number): number =>
    times === 0 ? digit : permuted(permute[digit]!, times - 1);
  const digits = Array.from(text.replaceAll(' ', ''), Number).reverse();
  return digits.reduce((check, digit, i) => multiply(check, permuted(digit, i % 8)), 0) === 0;
}

function mod97(text: string): number {
  const digits = Array.from(text, (c) => (/[A-Z]/.test(c) ? String(c.charCodeAt(0) - 55) : c)).join('');
  return Number(BigInt(digits) % 97n);
}

function grouped(text: string, separator: string, size: number): string {
  return text.match(new RegExp(`.{1,${size}}`, 'g'))!.join(separator);
}
