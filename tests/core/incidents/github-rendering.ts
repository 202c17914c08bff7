/** What GitHub's filters look for after Markdown has become HTML: text outside code, links, images, foreign tags. */
export interface Rendered {
  /** Everything that would act: mentions, references, links, tags that we never write. */
  readonly active: readonly string[];
  /** The text a page shows. */
  readonly text: string;
}

const OUR_TAGS = new Set(['p', 'strong', 'code', 'pre', 'h3', 'ul', 'li', 'em', 'br']);
/** The patterns of GitHub's mention, reference, commit and emoji filters, and of its autolinks. */
const FILTERS: readonly RegExp[] = [
  /(?<![\w`])@[a-z0-9][a-z0-9-]*(?:\/[a-z0-9._-]+)?/gi,
  /(?<!\w)(?:[\w.-]+\/[\w.-]+|[\w-]+)?#\d+/gi,
  /\bGH-\d+/gi,
  /(?:https?|ftp):\/\/[^\s<]+/gi,
  /\bwww\.[^\s<]+/gi,
  /[\w.+-]+@[\w-]+\.[\w.-]+/gi,
  /:[a-z0-9_+-]+:/gi,
];
const COMMIT = /(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/gi;

export function activeParts(html: string): Rendered {
  const active: string[] = [];
  const outside = html.replace(/<code\b[^>]*>[\s\S]*?<\/code>/g, ' ');
  for (const [tag, name = ''] of outside.matchAll(/<\/?([a-z][a-z0-9-]*)[^>]*>|<!--[\s\S]*?-->/gi))
    if (!OUR_TAGS.has(name.toLowerCase())) active.push(tag);
  const text = decoded(outside.replace(/<[^>]*>/g, ''));
  for (const filter of FILTERS) for (const [found] of text.matchAll(filter)) active.push(found);
  for (const [found] of text.matchAll(COMMIT)) if (!/^\d+$/.test(found)) active.push(found);
  return { active, text: decoded(html.replace(/<[^>]*>/g, '')).trim() };
}

function decoded(html: string): string {
  return html
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
