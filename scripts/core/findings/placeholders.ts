/** What the placeholders of the playbook stand for. */
export interface Placeholders {
  readonly domain: string;
  readonly mx: string;
  readonly reporter: string;
  readonly file: string;
}

/** Puts names in for `{domain}`, `{mx}`, `{reporter}` and `{file}`; what a name holds is not looked at again. */
export function fillPlaceholders(text: string, names: Placeholders): string {
  return text.replace(/\{(domain|mx|reporter|file)\}/g, (_, key: keyof Placeholders) => names[key]);
}
