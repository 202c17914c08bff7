import { data, Evaluator, Lexer, Parser, wellKnownFunctions } from '@actions/expressions';

/** As the evaluator takes them. */
type FunctionDefinition = (typeof wellKnownFunctions)[string];

/** What an expression may look at: contexts by name, as GitHub documents them. */
export type Contexts = Readonly<Record<string, unknown>>;
/** How the job stands at this step. */
export type JobStatus = 'success' | 'failure' | 'cancelled';

/** Replaces each `${{ … }}` of a text by GitHub's own evaluator; what is nothing but one expression keeps its type. */
export function interpolate(value: unknown, contexts: Contexts, status: JobStatus = 'success'): unknown {
  if (typeof value !== 'string') return value;
  const whole = /^\s*\$\{\{((?:(?!\}\})[\s\S])*)\}\}\s*$/.exec(value);
  if (whole !== null) return plain(evaluate(whole[1] ?? '', contexts, status));
  return value.replaceAll(/\$\{\{([\s\S]*?)\}\}/g, (_, text: string) =>
    evaluate(text, contexts, status).coerceString(),
  );
}

/** An `if`: without a word about the status it means `success() && …`. */
export function holds(condition: string | undefined, contexts: Contexts, status: JobStatus): boolean {
  const text = (condition ?? 'success()').replace(/^\s*\$\{\{([\s\S]*)\}\}\s*$/, '$1');
  const asked = /\b(always|cancelled|failure|success)\(/.test(text) ? text : `success() && (${text})`;
  const found = evaluate(asked, contexts, status);
  return found.kind === data.Kind.Boolean
    ? found.coerceString() === 'true'
    : !['', '0', 'false'].includes(found.coerceString());
}

function evaluate(text: string, contexts: Contexts, status: JobStatus): data.ExpressionData {
  const names = Object.keys(contexts);
  const functions: FunctionDefinition[] = ['always', 'success', 'failure', 'cancelled'].map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(name === 'always' || name === status),
  }));
  const own = new Map(functions.map((one) => [one.name, one]));
  const { tokens } = new Lexer(text).lex();
  const expression = new Parser(tokens, names, [...Object.values(wellKnownFunctions), ...functions]).parse();
  const context = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  return new Evaluator(expression, context, new Map([...Object.entries(wellKnownFunctions), ...own])).evaluate();
}

function plain(value: data.ExpressionData): unknown {
  return value.kind === data.Kind.String || value.kind === data.Kind.Null
    ? value.coerceString()
    : JSON.parse(JSON.stringify(value, data.replacer));
}
