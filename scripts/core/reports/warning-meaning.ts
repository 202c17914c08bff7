/** What each warning of a stored report says, without its detail: repairs of the reading, and doubts of the intake. */
const MEANINGS: Readonly<Record<string, string>> = {
  alias: 'A key has another name.',
  'bad-count': 'A count is no whole number of sessions: left out.',
  bom: 'A byte order mark stands before the JSON.',
  'by-own-mx': 'Believed by the word of our own MX: the signature could not be verified any more.',
  'date-form': 'A date is written in another form.',
  differs: 'The mail or the file name speaks of another domain than the report.',
  'dup-key': 'A key stands twice: the last one counts.',
  'fail-derived': 'The total of failures is missing: what the details add up to stands for it.',
  'hour-24': 'A time ends a day at 24:00.',
  'json-in-string': 'A text holds JSON once more.',
  'leap-second': 'A time has a second 60.',
  missing: 'Something is missing that the RFC requires.',
  'name-form': 'A domain name is written in another form.',
  'no-offset': 'A time has no offset: taken as UTC.',
  'no-policies': 'It tells of no policy.',
  'not-a-name': 'What should be a domain name is none.',
  'not-an-address': 'The contact is no mail address.',
  'not-an-ip': 'What should be an IP address is none.',
  'num-float': 'A count is written with a decimal point.',
  'num-string': 'A count is written as text.',
  'object-not-array': 'One object stands where a list belongs.',
  offset: 'A time is not in UTC.',
  'policy-type': 'The policy type is none of the RFC’s.',
  'range-future': 'It tells of a day that had not begun.',
  'range-long': 'It covers more than a day, and is left out where days are counted.',
  'result-type': 'The result type is none of the RFC’s.',
  several: 'Several reports stand in one text.',
  'string-not-array': 'One text stands where a list belongs.',
  'sum-differs': 'The details do not add up to the total of failures.',
  surrogate: 'A text holds half a character, which only JSON can: kept beside.',
  'utf-16': 'It is UTF-16, not UTF-8.',
  'utf-8': 'Some bytes are no UTF-8.',
  uuencoded: 'It stands uuencoded in the text of the mail.',
  'wrapped-array': 'The report stands in a list.',
  'wrong-type': 'A value is of another type than the RFC’s: kept beside.',
};

/** With or without a detail. Empty for one that this version does not know. */
export function warningMeaning(warning: string): string {
  return MEANINGS[warning.split(':', 1)[0] ?? ''] ?? '';
}
