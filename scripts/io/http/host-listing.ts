/** The page that stands for all policy hosts when they are served on one machine: a list, one link each. */
export function policyHostListing(domains: readonly string[]): string {
  const items = domains.map((domain) => {
    const name = escaped(domain);
    return `<li><a href="/${encodeURIComponent(domain)}/">mta-sts.${name}</a> <a href="/${encodeURIComponent(domain)}/.well-known/mta-sts.txt">policy</a></li>`;
  });
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Policy hosts</title>
<meta name="color-scheme" content="light dark"></head>
<body>
<h1>Policy hosts</h1>
<p>Each is published at its own name; here they stand side by side.</p>
<ul>
${items.join('\n')}
</ul>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
