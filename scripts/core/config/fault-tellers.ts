import { type CompiledSchema, compile } from './schema/compiled-schema.ts';
import type { TextFault } from './yaml/decode.ts';
import { explainSyntax } from './yaml/yaml-syntax.ts';

/** What only a file with a fault needs, or very many files: it takes longer to load than all else a short command loads. */
export interface FaultTellers {
  readonly compile: (schema: object) => CompiledSchema;
  readonly explainSyntax: (text: string) => TextFault | null;
}

export const FAULT_TELLERS: FaultTellers = { compile, explainSyntax };
