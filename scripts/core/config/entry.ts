/** What stands under `domains/`, as the reader of files found it. Paths are below `domains/`, with slashes. */
export type Entry = { readonly path: string } & (
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  /** A file or folder whose name asked for nothing: see roleOf. */
  | { readonly kind: 'unread'; readonly folder: boolean }
  /** A device, socket or pipe. */
  | { readonly kind: 'special' }
  /** A symbolic link that leads out of the repository. */
  | { readonly kind: 'outside-root' }
  | { readonly kind: 'too-large'; readonly bytes_limit: number }
  /** `reason` is the system's code, such as EACCES. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** The folder holds more than `limit`, such as `100000 files`; the rest was left unread. */
  | { readonly kind: 'too-many'; readonly limit: string }
);
