import { csvText } from './csv.ts';

/** What a requirement is about, in our words, and which files of the bundle speak to it. */
interface ControlEntry {
  readonly framework: 'SOC 2' | 'ISO/IEC 27001:2022' | 'BSI';
  readonly requirement: string;
  readonly about: string;
  readonly artefacts: readonly Artefact[];
  /** What an auditor is likely to ask, or what must be known of the mapping; empty when nothing. */
  readonly note: string;
}

/** Artefacts of a frozen month, and the files they are in. */
const ARTEFACTS = {
  'policy history': ['lists/versions.csv', 'data/policies/'],
  'change approvals': ['lists/changes.csv'],
  certificates: ['lists/certificates.csv'],
  'policy host and DNS checks': ['lists/checks.csv'],
  'TLS reports': ['lists/days.csv', 'data/reports/'],
  incidents: ['lists/incidents.csv'],
  DANE: ['lists/checks.csv'],
  completeness: ['lists/completeness.csv', 'lists/reporters.csv'],
  'monthly report': ['report.html', 'figures.json', 'manifest.json'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Artefact = keyof typeof ARTEFACTS;

/**
 * Which artefact supports which requirement. SOC 2: Trust Services Criteria 2017, points of focus revised 2022. ISO/IEC
 * 27001:2022: controls of Annex A. BSI: TR-03108 v2.0, where DANE is mandatory and MTA-STS the optional alternative; its
 * own requirement numbers could not be verified, so ours stand in their place.
 */
const CONTROL_MAP: readonly ControlEntry[] = [
  soc2(
    'CC6.7',
    'restrict and protect information in transmission',
    ['policy history', 'certificates', 'TLS reports'],
    'Was enforcement in force on every day of the period? Senders without MTA-STS and DANE are out of scope.',
  ),
  soc2(
    'CC6.1',
    'logical access; encryption and protection of keys',
    ['certificates', 'DANE'],
    'Who can change DNS, hosting and keys is not seen from here.',
  ),
  soc2('CC6.6', 'protection against threats from outside', ['policy history', 'TLS reports']),
  soc2(
    'CC7.1',
    'detection of changes that add vulnerabilities',
    ['policy host and DNS checks', 'change approvals'],
    'Was a change without approval noticed?',
  ),
  soc2(
    'CC7.2',
    'monitoring for anomalies, and whether they are security events',
    ['TLS reports', 'certificates', 'completeness', 'incidents'],
    'Is the monitor itself monitored?',
  ),
  soc2(
    'CC7.3',
    'evaluation of security events',
    ['incidents'],
    'Sample decisions, also those closed without an incident.',
  ),
  soc2('CC7.4', 'response to incidents', ['incidents'], 'Times against the service levels of each severity.'),
  soc2('CC7.5', 'recovery from incidents', ['incidents']),
  soc2(
    'CC8.1',
    'changes authorised, tested, approved; separation of duties',
    ['change approvals', 'policy history'],
    'Is there a served version without an approved change?',
  ),
  soc2('CC2.1', 'relevant information of quality', ['completeness', 'monthly report']),
  soc2('CC4.1', 'ongoing evaluations', ['monthly report']),
  iso('5.14', 'Information transfer', ['policy history', 'TLS reports']),
  iso('5.25', 'Assessment and decision on information security events', ['incidents']),
  iso('5.26', 'Response to information security incidents', ['incidents']),
  iso('5.27', 'Learning from information security incidents', ['incidents']),
  iso('5.28', 'Collection of evidence', ['monthly report', 'TLS reports']),
  iso('5.33', 'Protection of records', ['monthly report']),
  iso('5.36', 'Compliance with policies, rules and standards for information security', ['monthly report']),
  iso('8.9', 'Configuration management', ['policy history', 'policy host and DNS checks']),
  iso('8.15', 'Logging', ['TLS reports', 'policy host and DNS checks']),
  iso('8.16', 'Monitoring activities', ['TLS reports', 'certificates', 'policy host and DNS checks']),
  iso(
    '8.17',
    'Clock synchronization',
    ['monthly report'],
    'All times are UTC; certificates and signatures were judged by the same clock.',
  ),
  iso('8.20', 'Networks security', ['certificates', 'DANE']),
  iso('8.21', 'Security of network services', ['certificates', 'DANE']),
  iso('8.24', 'Use of cryptography', ['certificates', 'DANE']),
  iso('8.32', 'Change management', ['change approvals', 'policy history']),
  bsi('TR-03108:dane', 'DNSSEC and DANE for MX hosts (mandatory for certified providers)', ['DANE']),
  bsi('TR-03108:tls-reporting', 'TLS reporting', ['TLS reports']),
  bsi('TR-03108:mta-sts', 'MTA-STS (optional, the alternative to DANE)', [
    'policy history',
    'policy host and DNS checks',
  ]),
  bsi('TR-03108:certificates', 'trustworthy certificates and current cryptography', ['certificates']),
  bsi('TR-03108:transparency', 'incident reports and security concept', ['incidents', 'change approvals']),
];

function soc2(requirement: string, about: string, artefacts: readonly Artefact[], note = ''): ControlEntry {
  return { framework: 'SOC 2', requirement, about, artefacts, note };
}

function iso(requirement: string, about: string, artefacts: readonly Artefact[], note = ''): ControlEntry {
  return { framework: 'ISO/IEC 27001:2022', requirement, about, artefacts, note };
}

function bsi(requirement: string, about: string, artefacts: readonly Artefact[], note = ''): ControlEntry {
  return { framework: 'BSI', requirement, about, artefacts, note };
}

/** `control-map.csv`: a row for each requirement. Artefacts support an assessment; they never say its outcome. */
export function controlMapCsv(): string {
  return csvText(
    ['framework', 'requirement', 'about', 'supported_by', 'files', 'note'],
    CONTROL_MAP.map(({ framework, requirement, about, artefacts, note }) => [
      framework,
      requirement,
      about,
      artefacts.join('; '),
      [...new Set(artefacts.flatMap((artefact) => ARTEFACTS[artefact]))].join('; '),
      note,
    ]),
  );
}
