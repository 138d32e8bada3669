import t from 'tap'
import { parseDate, wrongDate } from '../../core/config/dates.js'

t.test('a date is a day, or a moment of one with its time zone, fractions of a second included', async t => {
  const moments = {
    '2026-11-01': Date.UTC(2026, 10, 1),
    '2026-11-01T10:00Z': Date.UTC(2026, 10, 1, 10),
    '2026-11-01T10:00:00Z': Date.UTC(2026, 10, 1, 10),
    '2026-11-01T10:00:00+02:00': Date.UTC(2026, 10, 1, 8),
    '2026-11-01T10:00:00.000Z': Date.UTC(2026, 10, 1, 10),
    '2026-11-01T10:00:00.5-01:30': Date.UTC(2026, 10, 1, 11, 30, 0, 500),
    '2026-11-01T10:00:00.123456789Z': Date.UTC(2026, 10, 1, 10, 0, 0, 123)
  }
  for (const [text, ms] of Object.entries(moments)) t.equal(parseDate(text), ms, text)
  const now = new Date(1_793_526_896_789)
  t.equal(parseDate(now.toISOString()), now.getTime(), 'what JavaScript writes')
})

t.test('what is no date is refused, and why', async t => {
  for (const text of [
    '',
    '2026-02-30',
    '2026-13-01',
    '2026-11-01T25:00Z',
    '2026-11-01T10:00:00.Z',
    '2026-11-01T10:00.5Z'
  ]) {
    t.match(wrongDate(text), /is no date/, text)
  }
  for (const text of ['2026-11-01T10:00', '2026-11-01T10:00:00.000']) t.match(wrongDate(text), /no time zone/, text)
})
