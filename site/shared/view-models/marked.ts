/** Text of ours in which names stand between back-quotes, as the playbook and the review write them. */
export interface Marked {
  readonly text: string;
  readonly code: boolean;
}

/** An unpaired back-quote is text. */
export function marked(text: string): readonly Marked[] {
  const parts = text.split('`');
  const paired = parts.length % 2 === 1 ? parts : [...parts.slice(0, -2), parts.slice(-2).join('`')];
  return paired.map((part, index) => ({ text: part, code: index % 2 === 1 })).filter(({ text: part }) => part !== '');
}
