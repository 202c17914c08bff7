/**
 * What Vega writes, as a page needs it: without the frames of groups that are not drawn, roles and pointer settings
 * (the figure's sentence and table speak for the picture), scaling with its place, and with the hatch it refers to.
 */
export function tidySvg(svg: string): string {
  const [, width = '0', height = '0'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  const inner = svg
    .replace(/^<svg[^>]*>/, '')
    .replaceAll(/<path class="(?:background|foreground)"[^>]*\/>/g, '')
    // A label that would overlap another one is not to be seen; one without text says nothing.
    .replaceAll(/<text[^>]* opacity="0"[^>]*>[^<]*<\/text>|<text[^>]*\/>/g, '')
    .replaceAll(/ (?:class|role|aria-[a-z]+|pointer-events|opacity|stroke-miterlimit)="[^"]*"/g, '')
    .replaceAll(/\d+\.\d+/g, (decimal) => String(Math.round(Number(decimal) * 10) / 10))
    .replaceAll(/(?:<line[^>]*\/>){2,}/g, (lines) => sorted(lines, /<line[^>]*\/>/g))
    .replaceAll(/(?:<text[^>]*>[^<]*<\/text>){2,}/g, (texts) => sorted(texts, /<text[^>]*>[^<]*<\/text>/g));
  return `<svg class="trend" viewBox="0 0 ${width} ${height}" aria-hidden="true" focusable="false">${HATCH}${emptied(inner)}`;
}

const HATCH =
  '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v6" stroke="var(--hatch)" stroke-width="2"/></pattern></defs>';

/** Vega keeps the ticks of the picture before in their old order, so that the order would tell what was drawn before. */
function sorted(elements: string, each: RegExp): string {
  return (elements.match(each) ?? []).sort().join('');
}

/** Groups that hold nothing, from the inside out. */
function emptied(svg: string): string {
  const less = svg.replaceAll(/<g(?: [^>]*)?><\/g>/g, '');
  return less === svg ? svg : emptied(less);
}
