import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Fault, Parsed } from '#scripts/standards/parsed.ts';

/** The vectors of one file; `count` is how many there must be, so that a lost one fails. */
export function readVectors<T extends { readonly id: string }>(file: string, count: number): readonly T[] {
  const url = new URL(`../fixtures/vectors/${file}`, import.meta.url);
  const vectors: readonly T[] = JSON.parse(readFileSync(url, 'utf8'));
  assert.equal(vectors.length, count, `${file} must hold ${count} vectors`);
  assert.equal(new Set(vectors.map(({ id }) => id)).size, count, `${file} must not repeat an id`);
  return vectors;
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** The value of a text that must be good. */
export function good<T>(parsed: Parsed<T>): T {
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

/** The codes of a text that must be bad, in order. */
export function faultsOf<T>(parsed: Parsed<T>): readonly string[] {
  assert.ok(!parsed.ok, JSON.stringify(parsed));
  assert.ok(parsed.faults.length > 0, 'a refusal without a fault');
  return codes(parsed.faults);
}

/** The codes of what is unwise about a text that must be good, in order. */
export function lintsOf<T>(parsed: Parsed<T>): readonly string[] {
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return codes(parsed.lints);
}

function codes(faults: readonly Fault[]): readonly string[] {
  return faults.map(({ code, line }) => (line === undefined ? code : `${code}@${line}`));
}
