import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SITE = fileURLToPath(new URL('../../site/', import.meta.url));
const TOKENS = readFileSync(`${SITE}shared/styles/tokens.css`, 'utf8');
const COLOUR = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|color-mix)a?\(/i;

/** The tokens of light and dark, by name. */
const [light, dark] = TOKENS.split('@media').map(
  (part) =>
    new Map([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value])),
);

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

test('text keeps a contrast of 4.5 on paper, wash and areas, light and dark', () => {
  for (const tokens of [light, dark]) {
    for (const text of ['ink', 'ink-2', 'accent', 'warm']) {
      for (const ground of ['paper', 'wash', 'area']) {
        const [a, b] = [tokens?.get(text), tokens?.get(ground)];
        assert.ok(a !== undefined && b !== undefined, `${text} on ${ground}`);
        assert.ok(contrast(a, b) >= 4.5, `${text} on ${ground}: ${contrast(a, b).toFixed(1)}`);
      }
    }
  }
});

test('dark has every colour of light, and docs/design.md tells the values', () => {
  assert.deepEqual([...(dark?.keys() ?? [])], [...(light?.keys() ?? [])]);
  const design = readFileSync(`${SITE}../docs/design.md`, 'utf8');
  for (const value of [...(light?.values() ?? []), ...(dark?.values() ?? [])]) assert.ok(design.includes(value), value);
});

test('no other style sheet and no component names a colour', () => {
  const files = globSync('**/*.{css,astro}', { cwd: SITE }).filter((file) => !file.endsWith('tokens.css'));
  assert.ok(files.length > 15);
  for (const file of files) {
    const text = readFileSync(`${SITE}${file}`, 'utf8').replaceAll(/url\(#\w+\)|href="#\w+"/g, '');
    assert.doesNotMatch(text, COLOUR, file);
  }
});
