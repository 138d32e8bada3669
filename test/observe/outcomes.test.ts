import t from 'tap'
import { Outcomes } from '../../core/observe/outcomes.js'

t.test('an upstream that makes up statuses makes no series of its own for each', async t => {
  const outcomes = new Outcomes()
  for (let status = 100; status < 1_000; status++) outcomes.count(status, undefined)
  for (let status = 100; status < 1_000; status++) outcomes.count(status, 'GW_UPSTREAM_RESET')
  const readings = outcomes.readings({ route: 'r' })
  t.ok(readings.length < 160, `${readings.length} series of 1800 statuses`)
  t.equal(
    readings.reduce((sum, { value }) => sum + value, 0),
    1_800,
    'and each exchange is counted'
  )
  t.match(
    readings.find(({ labels }) => labels.status === '200' && labels.error === ''),
    { value: 1, labels: { route: 'r' } }
  )
  t.match(
    readings.find(({ labels }) => labels.status === '7xx' && labels.error === 'GW_UPSTREAM_RESET'),
    { value: 100 }
  )
})
