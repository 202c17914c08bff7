import { createInterface } from 'node:readline/promises';

/** Asks on a terminal for what was not given; elsewhere what was given is all there is. Answers are trimmed. */
export async function askPerson(
  questions: readonly { readonly name: string; readonly value: string; readonly summary: string }[],
  given: Readonly<Record<string, string>>,
  streams: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<Readonly<Record<string, string>>> {
  if (streams.input.isTTY !== true) return given;
  const person = createInterface(streams);
  try {
    const answers: Record<string, string> = { ...given };
    for (const { name, value, summary } of questions) {
      if (answers[name] !== undefined) continue;
      answers[name] = (
        await person.question(`${summary}\n  ${value.includes('|') ? `${value}, ` : ''}empty: later> `)
      ).trim();
    }
    return answers;
  } finally {
    person.close();
  }
}
