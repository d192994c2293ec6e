import { isIP } from 'node:net';
import validator from 'validator';
import {
  isAustralianBusinessNumber,
  isAustralianTaxFileNumber,
  isDeaNumber,
  isNhsNumber,
  isSingaporeIdentity,
  isTaxpayerNumber,
} from './check-digits.ts';
import type { Pattern } from './pattern-recognizer.ts';

const compact = (text: string) => text.replaceAll(/[\s-]/g, '');
const version = /\b(?:v|ver|version|release|build|firmware|kernel|section|chapter)\.?\s*$/i;
const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';

/** What is known by its form: identifiers with check digits first, then those that need a word before them. */
export const patterns: readonly Pattern[] = [
  {
    kind: 'EMAIL_ADDRESS',
    pattern: /(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?![\w-]|\.\w)/gi,
    isValid: (text) => validator.isEmail(text),
    score: 1,
  },
  {
    kind: 'URL',
    pattern: /\b(?:https?:\/\/|www\.)[^\s<>"'`)\]}]*[^\s<>"'`)\]}.,;:!?]/gi,
    isValid: (text) => validator.isURL(text, { require_tld: false }),
    score: 0.6,
  },
  {
    kind: 'IP_ADDRESS',
    pattern:
      /(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w:]|\.\d)|(?<![\w.:])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])/gi,
    isValid: (text) => isIP(text) !== 0 && text !== '::',
    score: 0.95,
    notAfter: version,
  },
  {
    kind: 'MAC_ADDRESS',
    pattern: /(?<![\w:-])[\da-f]{2}([:-])(?:[\da-f]{2}\1){4}[\da-f]{2}(?![\w:-])/gi,
    score: 0.9,
  },
  {
    kind: 'CREDIT_CARD',
    pattern: /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-]|\.\d)/g,
    isValid: (text) => validator.isCreditCard(text),
    score: 0.9,
    notAfter: /\b(?:order|tracking|parcel|isbn|ean|serial|imei|sku)[\w\s#:.]{0,12}$/i,
  },
  {
    kind: 'CRYPTO',
    pattern: /\b(?:(?:bc1|tb1|bc1p)[a-z\d]{25,62}|[13][1-9A-HJ-NP-Za-km-z]{25,39}|0x[\da-fA-F]{40})\b/g,
    isValid: (text) => validator.isBtcAddress(text) || validator.isEthereumAddress(text),
    score: 0.8,
  },
  {
    kind: 'US_SSN',
    pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g,
    isValid: (text) => !['123-45-6789', '078-05-1120'].includes(text),
    score: 0.85,
  },
  {
    kind: 'US_SSN',
    pattern: /(?<![\d-])(?!000|666|9)\d{3} ?(?!00)\d{2} ?(?!0000)\d{4}(?![\d-])/g,
    score: 0.05,
    context: /\b(?:ssn|social security)\b[^\d]{0,24}$/i,
  },
  {
    kind: 'US_ITIN',
    pattern: /(?<![\d-])9\d{2}[- ]\d{2}[- ]\d{4}(?![\d-])/g,
    isValid: isTaxpayerNumber,
    score: 0.8,
  },
  {
    kind: 'UK_NHS',
    pattern: /(?<![\d-])\d{3}[ -]\d{3}[ -]\d{4}(?![\d-])/g,
    isValid: isNhsNumber,
    score: 0.3,
    context: /\b(?:nhs|health service|patient)\b[^\d]{0,24}$/i,
  },
  {
    kind: 'UK_NHS',
    pattern: /(?<![\d-])\d{10}(?![\d-])/g,
    isValid: isNhsNumber,
    score: 0.05,
    context: /\b(?:nhs|health service)\b[^\d]{0,24}$/i,
  },
  {
    kind: 'UK_NINO',
    pattern: /\b(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/g,
    score: 0.85,
  },
  {
    kind: 'ES_NIF',
    pattern: /\b(?:\d{8}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z]\b/g,
    isValid: (text) => validator.isIdentityCard(compact(text), 'ES'),
    score: 0.8,
  },
  {
    kind: 'IT_FISCAL_CODE',
    pattern: /\b[A-Z]{6}[\dLMNPQRSTUV]{2}[A-EHLMPRST][\dLMNPQRSTUV]{2}[A-Z][\dLMNPQRSTUV]{3}[A-Z]\b/g,
    isValid: (text) => validator.isTaxID(text, 'it-IT'),
    score: 0.9,
  },
  {
    kind: 'PL_PESEL',
    pattern: /(?<![\d-])\d{11}(?![\d-])/g,
    isValid: (text) => validator.isIdentityCard(text, 'PL'),
    score: 0.2,
    context: /\bpesel\b[^\d]{0,16}$/i,
  },
  {
    kind: 'FI_PERSONAL_IDENTITY_CODE',
    pattern: /\b\d{6}[+\-A]\d{3}[\dA-FHJ-NPR-Y]\b/g,
    isValid: (text) => validator.isIdentityCard(text, 'FI'),
    score: 0.8,
  },
  {
    kind: 'IN_AADHAAR',
    pattern: /(?<![\d-])[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![\d-]| \d)/g,
    isValid: (text) => validator.isIdentityCard(compact(text), 'IN'),
    score: 0.2,
    context: /\b(?:aadhaar|aadhar|uidai)\b[^\d]{0,24}$/i,
  },
  {
    kind: 'IN_PAN',
    pattern: /\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b/g,
    score: 0.7,
  },
  {
    kind: 'SG_NRIC_FIN',
    pattern: /\b[STFGM]\d{7}[A-Z]\b/g,
    isValid: isSingaporeIdentity,
    score: 0.85,
  },
  {
    kind: 'AU_ABN',
    pattern: /(?<![\d-])\d{2} \d{3} \d{3} \d{3}(?![\d-])|(?<![\d-])\d{11}(?![\d-])/g,
    isValid: isAustralianBusinessNumber,
    score: 0.2,
    context: /\b(?:abn|australian business number)\b[^\d]{0,16}$/i,
  },
  {
    kind: 'AU_TFN',
    pattern: /(?<![\d-])\d{3} ?\d{3} ?\d{3}(?![\d-]| \d)/g,
    isValid: isAustralianTaxFileNumber,
    score: 0.1,
    context: /\b(?:tfn|tax file(?: number)?)\b[^\d]{0,16}$/i,
  },
  {
    kind: 'MEDICAL_LICENSE',
    pattern: /\b[A-HJ-MPRSTUX][A-Z]\d{7}\b/g,
    isValid: isDeaNumber,
    score: 0.5,
    context: /\b(?:dea|medical|prescriber|licen[cs]e|registration)\b[^\d]{0,24}$/i,
  },
  {
    kind: 'US_PASSPORT',
    pattern: /\b(?:[A-Z]\d{8}|\d{9})\b/g,
    score: 0.1,
    context: /\bpassport\b[^\d]{0,24}$/i,
  },
  {
    kind: 'US_DRIVER_LICENSE',
    pattern: /\b(?:[A-Z]\d{7,8}|[A-Z]\d{3}-?\d{4}-?\d{4}|\d{7,9})\b/g,
    score: 0.1,
    context: /\b(?:driver'?s?|driving)(?:'s)? licen[cs]e\b[^\d]{0,20}$/i,
  },
  {
    kind: 'US_BANK_NUMBER',
    pattern: /(?<![\d-])\d{8,17}(?![\d-])/g,
    score: 0.1,
    context: /\b(?:(?:bank|checking|savings)[\w\s]{0,10}account|account (?:number|no\.?)|acct\.?)\b[^\d]{0,16}$/i,
  },
  {
    kind: 'DATE_TIME',
    pattern: new RegExp(
      String.raw`\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|\d{1,2}(?:st|nd|rd|th)? (?:${months})[a-z]* (?:19|20)\d{2}|(?:${months})[a-z]* \d{1,2},? (?:19|20)\d{2})\b`,
      'gi',
    ),
    score: 0.1,
    context: /\b(?:born|birth(?:day|date)?|date of birth|d\.?o\.?b)\b\.?[^\d]{0,24}$/i,
  },
  {
    kind: 'LOCATION',
    pattern:
      /\b\d{1,5}[A-Za-z]? (?:[A-Z][\w'’.-]+ ){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Terrace|Way|Close|Crescent)\b(?:\.?,? (?:Apt|Apartment|Suite|Unit|Flat|#) ?\w+)?/g,
    score: 0.85,
  },
  {
    kind: 'LOCATION',
    pattern: /(?<![\w-])\p{Lu}[\p{L}.-]*(?:straße|strasse|str\.|weg|platz|allee|gasse) \d{1,4}[a-z]?\b/gu,
    score: 0.85,
  },
];
