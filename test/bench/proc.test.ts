import t from 'tap'
import { parseCores, parseStat, parseStatus } from '../../bench/proc.js'

t.test('CPU time is user plus system time, also when the command holds blanks and parentheses', async t => {
  const rest = 'S 1 42 42 0 -1 4194560 1650 0 3 0 147 109 7 8 20 0 11 0 1234 567 89'
  t.equal(parseStat(`42 (node) ${rest}`), 2_560_000)
  t.equal(parseStat(`42 (a (b) c) d) ${rest}`), 2_560_000)
})

t.test('what is not a line of /proc/PID/stat is refused', async t => {
  t.throws(() => parseStat('42 (node) S 1'), /not a line of \/proc\/PID\/stat/)
})

t.test('resident memory is VmRSS in bytes', async t => {
  t.equal(parseStatus('Name:\tnode\nVmHWM:\t  999 kB\nVmRSS:\t   51200 kB\nThreads:\t11\n'), 51_200 * 1024)
  t.throws(() => parseStatus('Name:\tkworker\n'), /no VmRSS/)
})

t.test('a list of cores may have single cores and ranges', async t => {
  t.strictSame(parseCores('0'), [0])
  t.strictSame(parseCores('0-2,5'), [0, 1, 2, 5])
  t.throws(() => parseCores('all'), /not a list of cores/)
})
