/**
 * Names below a managed domain that receive mail and have no policy of their own: nothing is inherited (RFC 8461 §3.4).
 * `receiving` are names with MX or with reports about them; `managed` those with a file.
 */
export function unprotectedNames(managed: ReadonlySet<string>, receiving: readonly string[]): readonly string[] {
  const found = receiving.filter((name) => {
    if (managed.has(name)) return false;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
      if (managed.has(name.slice(dot + 1))) return true;
    return false;
  });
  return [...new Set(found)].sort();
}
