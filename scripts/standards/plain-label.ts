/**
 * Whether a U-label can be shown to a person without misleading (UTS #39 §4–§5, cut down to be safe): letters of one
 * script, and not only letters that look Latin. Scripts written from right to left are left out because they reorder
 * the digits, dots and words around them.
 */
const ONE_SCRIPT: readonly RegExp[] = [
  // The European and Vietnamese letters, without dotless i, kra, n with apostrophe and long s, which pass for others.
  /^[a-z0-9\u00df-\u00f6\u00f8-\u0130\u0132-\u0137\u0139-\u0148\u014a-\u017e\u01a1\u01b0\u0219\u021b\u1ea0-\u1ef9-]+$/,
  /^[\p{Script=Greek}0-9-]+$/u,
  /^[\p{Script=Cyrillic}0-9-]+$/u,
  /^[\p{Script=Armenian}0-9-]+$/u,
  /^[\p{Script=Georgian}0-9-]+$/u,
  /^[\p{Script=Devanagari}0-9-]+$/u,
  /^[\p{Script=Bengali}0-9-]+$/u,
  /^[\p{Script=Gurmukhi}0-9-]+$/u,
  /^[\p{Script=Gujarati}0-9-]+$/u,
  /^[\p{Script=Tamil}0-9-]+$/u,
  /^[\p{Script=Telugu}0-9-]+$/u,
  /^[\p{Script=Kannada}0-9-]+$/u,
  /^[\p{Script=Malayalam}0-9-]+$/u,
  /^[\p{Script=Sinhala}0-9-]+$/u,
  /^[\p{Script=Thai}0-9-]+$/u,
  /^[\p{Script=Lao}0-9-]+$/u,
  /^[\p{Script=Khmer}0-9-]+$/u,
  /^[\p{Script=Ethiopic}0-9-]+$/u,
  // Japanese and Korean are each written in several scripts at once (UTS #39 §5.1, augmented script sets).
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc0-9-]+$/u,
  /^[\p{Script=Han}\p{Script=Hangul}0-9-]+$/u,
];

/** Cyrillic and Greek letters that pass for Latin ones: a label of these alone is a disguise. */
const LOOKS_LATIN = /^[асԁеһіјӏорԛѕԝхуъьҽпгѵѡαβεικμνορτυχωγη0-9-]+$/;

export function isPlainLabel(label: string): boolean {
  // The star of an mx pattern is plain too.
  const ascii = /^[a-z0-9_*-]+$/.test(label);
  return ascii || (!LOOKS_LATIN.test(label) && ONE_SCRIPT.some((script) => script.test(label)));
}
