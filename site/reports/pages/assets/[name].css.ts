import type { APIRoute } from 'astro';
import { STYLE, STYLE_NAME } from '../../style.ts';

export function getStaticPaths() {
  return [{ params: { name: STYLE_NAME } }];
}

export const GET: APIRoute = () => new Response(STYLE);
