import { type ProviderAnswer, type ProviderRequest, startProviderServer } from './http.ts';

/** Record data in zone file form by `name type`, names absolute without the root dot: what every fake here remembers. */
export type Records = Map<string, { values: string[]; ttl: number }>;

const ZONE = 'example.com';

function json(status: number, body: unknown): ProviderAnswer {
  return { status, body: JSON.stringify(body) };
}

function absolute(name: string): string {
  return name === '' || name === '@' ? ZONE : `${name}.${ZONE}`;
}

/** As desec.readthedocs.io describes it: TTLs below the zone's least are refused, an empty set goes. */
export function startDesec(records: Records) {
  return startProviderServer(({ method, url, authorization, text }) => {
    if (authorization !== 'Token secret') return json(401, { detail: 'Invalid token.' });
    if (url.pathname === `/domains/${ZONE}/`) return json(200, { name: ZONE, minimum_ttl: 3600 });
    const [, sub = '', type = ''] = /^\/domains\/example\.com\/rrsets\/([^/]+)\/([A-Z]+)\/$/.exec(url.pathname) ?? [];
    if (method === 'GET') {
      const found = records.get(`${absolute(sub)} ${type}`);
      return found === undefined
        ? json(404, { detail: 'Not found.' })
        : json(200, { subname: sub, type, records: found.values, ttl: found.ttl });
    }
    if (method !== 'PUT' || url.pathname !== `/domains/${ZONE}/rrsets/`) return json(405, {});
    for (const set of JSON.parse(text) as { subname: string; type: string; ttl: number; records: string[] }[]) {
      if (set.ttl < 3600) return json(400, [{ ttl: ['Ensure this value is greater than or equal to 3600.'] }]);
      put(records, `${absolute(set.subname)} ${set.type}`, set.records, set.ttl);
    }
    return json(200, JSON.parse(text));
  });
}

/** As docs.hetzner.cloud describes it: making a set that is there is refused, changes are actions. */
export function startHetzner(records: Records) {
  return startProviderServer(({ method, url, authorization, text }) => {
    if (authorization !== 'Bearer secret') return json(401, { error: { code: 'unauthorized' } });
    const body = (text === '' ? {} : JSON.parse(text)) as {
      name?: string;
      type?: string;
      ttl?: number;
      records?: { value: string }[];
    };
    const values = (body.records ?? []).map(({ value }) => value);
    if (method === 'POST' && url.pathname === `/zones/${ZONE}/rrsets`) {
      const key = `${absolute(body.name ?? '')} ${body.type}`;
      if (records.has(key)) return json(409, { error: { code: 'uniqueness_error' } });
      put(records, key, values, body.ttl ?? 3600);
      return json(201, { rrset: {}, action: { status: 'running' } });
    }
    const found = /^\/zones\/example\.com\/rrsets\/([^/]+)\/([A-Z]+)(?:\/actions\/(\w+))?$/.exec(url.pathname);
    const key = `${absolute(decodeURIComponent(found?.[1] ?? ''))} ${found?.[2]}`;
    const set = records.get(key);
    if (set === undefined) return json(404, { error: { code: 'not_found' } });
    if (method === 'GET')
      return json(200, { rrset: { ttl: set.ttl, records: set.values.map((value) => ({ value })) } });
    if (method === 'DELETE') records.delete(key);
    else if (found?.[3] === 'set_records') set.values = values;
    else if (found?.[3] === 'change_ttl') set.ttl = body.ttl ?? set.ttl;
    else return json(404, {});
    return json(201, { action: { status: 'running' } });
  });
}

/** As api.cloudflare.com describes it: single records with ids of their own. */
export function startCloudflare(records: Records) {
  const page = (result: unknown[]) =>
    json(200, {
      success: true,
      errors: [],
      messages: [],
      result,
      result_info: { page: 1, per_page: 100, total_pages: 1, count: result.length, total_count: result.length },
    });
  return startProviderServer(({ method, url, authorization, text }) => {
    if (authorization !== 'Bearer secret')
      return json(403, {
        success: false,
        errors: [{ code: 9109, message: 'Invalid access token' }],
        messages: [],
        result: null,
      });
    if (url.pathname === '/zones') return page(url.searchParams.get('name') === ZONE ? [{ id: 'z1', name: ZONE }] : []);
    const id = /^\/zones\/z1\/dns_records(?:\/(.+))?$/.exec(url.pathname)?.[1];
    if (method === 'GET') {
      // The page after the last is empty.
      if (Number(url.searchParams.get('page') ?? 1) > 1) return page([]);
      const key = `${url.searchParams.get('name.exact')} ${url.searchParams.get('type')}`;
      const found = records.get(key);
      return page(
        (found?.values ?? []).map((content, index) => ({
          id: `${key}#${index}`,
          name: key.split(' ')[0],
          type: key.split(' ')[1],
          content,
          ttl: found?.ttl,
        })),
      );
    }
    const [old = '', at = '-1'] = decodeURIComponent(id ?? '').split('#');
    const body = (text === '' ? {} : JSON.parse(text)) as {
      name?: string;
      type?: string;
      content?: string;
      ttl?: number;
    };
    if (method === 'DELETE' || method === 'PUT') {
      const set = records.get(old);
      if (set?.values[Number(at)] === undefined)
        return json(404, {
          success: false,
          errors: [{ code: 81044, message: 'Record does not exist.' }],
          messages: [],
          result: null,
        });
      if (method === 'PUT') set.values[Number(at)] = body.content ?? '';
      else set.values.splice(Number(at), 1);
      put(records, old, set.values, body.ttl ?? set.ttl);
    } else {
      const key = `${body.name} ${body.type}`;
      put(records, key, [...(records.get(key)?.values ?? []), body.content ?? ''], body.ttl ?? 1);
    }
    return json(200, { success: true, errors: [], messages: [], result: { id: 'r' } });
  });
}

/** As the Route 53 API reference describes it, in XML: a batch is all or nothing, and DELETE must name what is there. */
export function startRoute53(records: Records) {
  const xml = (status: number, body: string): ProviderAnswer => ({
    status,
    type: 'text/xml',
    body: `<?xml version="1.0"?>${body}`,
  });
  const NS = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
  const setXml = (key: string, { values, ttl }: { values: readonly string[]; ttl: number }): string => {
    const [name, type] = key.split(' ');
    const list = values.map((value) => `<ResourceRecord><Value>${escaped(value)}</Value></ResourceRecord>`).join('');
    return `<ResourceRecordSet><Name>${name}.</Name><Type>${type}</Type><TTL>${ttl}</TTL><ResourceRecords>${list}</ResourceRecords></ResourceRecordSet>`;
  };
  return startProviderServer(({ method, url, authorization, text }: ProviderRequest) => {
    if (!authorization.startsWith('AWS4-HMAC-SHA256 Credential=key/'))
      return xml(
        403,
        `<ErrorResponse ${NS}><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`,
      );
    if (url.pathname === '/2013-04-01/hostedzonesbyname')
      return xml(
        200,
        `<ListHostedZonesByNameResponse ${NS}><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>${ZONE}.</Name><CallerReference>x</CallerReference></HostedZone></HostedZones><IsTruncated>false</IsTruncated><MaxItems>10</MaxItems></ListHostedZonesByNameResponse>`,
      );
    if (method === 'GET') {
      const key = `${url.searchParams.get('name')?.replace(/\.$/, '')} ${url.searchParams.get('type')}`;
      const set = records.get(key);
      // The set asked for, or the next one in the zone, as the real one answers.
      const shown = set === undefined ? setXml('zzz.example.com TXT', { values: ['"x"'], ttl: 1 }) : setXml(key, set);
      return xml(
        200,
        `<ListResourceRecordSetsResponse ${NS}><ResourceRecordSets>${shown}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>`,
      );
    }
    const changes = [
      ...text.matchAll(
        /<Change><Action>(\w+)<\/Action>.*?<Name>(.*?)\.<\/Name><Type>(\w+)<\/Type><TTL>(\d+)<\/TTL>(.*?)<\/Change>/gs,
      ),
    ];
    const next: Records = new Map(records);
    for (const [, action, name, type, ttl, rest = ''] of changes) {
      const values = [...rest.matchAll(/<Value>(.*?)<\/Value>/gs)].map(([, value = '']) => unescaped(value));
      const [key, there] = [`${name} ${type}`, next.get(`${name} ${type}`)];
      const isThere = there !== undefined && there.ttl === Number(ttl) && there.values.join('\n') === values.join('\n');
      // The reference shows both forms of this error.
      if (action === 'DELETE' && !isThere)
        return xml(
          400,
          `<ErrorResponse ${NS}><Error><Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>not found</Message></Error></ErrorResponse>`,
        );
      if (action === 'CREATE' && there !== undefined)
        return xml(
          400,
          `<InvalidChangeBatch ${NS}><Messages><Message>already exists</Message></Messages></InvalidChangeBatch>`,
        );
      if (action === 'DELETE') next.delete(key);
      else next.set(key, { values, ttl: Number(ttl) });
    }
    records.clear();
    for (const [key, set] of next) records.set(key, set);
    return xml(
      200,
      `<ChangeResourceRecordSetsResponse ${NS}><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-21T06:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>`,
    );
  });
}

function put(records: Records, key: string, values: readonly string[], ttl: number): void {
  if (values.length === 0) records.delete(key);
  else records.set(key, { values: [...values], ttl });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&#xD;', '\r').replaceAll('&amp;', '&');
}
