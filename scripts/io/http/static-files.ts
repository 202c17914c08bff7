import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
};

const NOT_FOUND = '404.html';

/**
 * Answers one request from a folder, as a static host would: GET and HEAD only, `index.html` for a folder, a redirect to
 * the name with a slash, the folder's `404.html` where there is nothing, and never anything outside the folder, also not
 * through a symbolic link.
 * `path` is the URL's path below the folder, percent-encoded; `mount` is what stands before it, for redirects.
 */
export async function answerFromFolder(
  folder: string,
  path: string,
  mount: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'Only GET and HEAD are answered here.', { allow: 'GET, HEAD' });
  }
  const name = decoded(path);
  if (name === null) return refuse(response, 400, 'This address is not valid.');
  const found = await locate(folder, name);
  if (found === 'folder') {
    response.writeHead(308, { location: `${mount}${path}/` }).end();
    return;
  }
  const file = found ?? (await locate(folder, NOT_FOUND));
  if (file === null || file === 'folder') return refuse(response, 404, 'There is nothing at this address.');
  response.writeHead(found === null ? 404 : 200, {
    'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream',
    'content-length': file.size,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  createReadStream(file.path)
    .on('error', () => response.destroy())
    .pipe(response);
}

export function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${message}\n`);
}

function decoded(path: string): string | null {
  try {
    const name = decodeURIComponent(path);
    return name.includes('\0') || name.includes('\\') ? null : name;
  } catch {
    return null;
  }
}

async function locate(
  folder: string,
  name: string,
): Promise<{ readonly path: string; readonly size: number } | 'folder' | null> {
  try {
    const inside = await realpath(folder);
    const wanted = await realpath(join(inside, name));
    if (wanted !== inside && !wanted.startsWith(inside + sep)) return null;
    const found = await stat(wanted);
    if (found.isFile()) return name.endsWith('/') ? null : { path: wanted, size: found.size };
    if (!name.endsWith('/')) return 'folder';
    const index = join(wanted, 'index.html');
    const page = await stat(index);
    return page.isFile() ? { path: index, size: page.size } : null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw error;
  }
}
