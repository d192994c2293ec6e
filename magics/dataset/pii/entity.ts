/** Kinds of personal data, by Presidio's names. */
export const piiKinds = [
  'AU_ABN',
  'AU_TFN',
  'CREDIT_CARD',
  'CRYPTO',
  'DATE_TIME',
  'EMAIL_ADDRESS',
  'ES_NIF',
  'FI_PERSONAL_IDENTITY_CODE',
  'IBAN_CODE',
  'IN_AADHAAR',
  'IN_PAN',
  'IP_ADDRESS',
  'IT_FISCAL_CODE',
  'LOCATION',
  'MAC_ADDRESS',
  'MEDICAL_LICENSE',
  'PERSON',
  'PHONE_NUMBER',
  'PL_PESEL',
  'SG_NRIC_FIN',
  'UK_NHS',
  'UK_NINO',
  'URL',
  'US_BANK_NUMBER',
  'US_DRIVER_LICENSE',
  'US_ITIN',
  'US_PASSPORT',
  'US_SSN',
] as const;
export type PiiKind = (typeof piiKinds)[number];

/** Personal data within a text. */
export interface PiiEntity {
  readonly kind: PiiKind;
  /** Offsets in UTF-16 units; `end` is past the last one. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** From 0 to 1: how sure its form alone makes it, or its form with the words before it. */
  readonly score: number;
}

/** Finds one kind of personal data. */
export interface Recognizer {
  readonly kind: PiiKind;
  find(text: string): Iterable<PiiEntity>;
}
