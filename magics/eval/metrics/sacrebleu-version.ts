/** The sacreBLEU release whose numbers and signatures BLEU, chrF and TER have. */
export const sacrebleuVersion = '2.6.0';
