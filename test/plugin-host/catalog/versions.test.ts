import t from 'tap'
import { compareVersions, isPreview } from '../../../core/plugin-host/catalog/versions.js'

t.test('versions have the order of semver.org §11', async t => {
  const ordered = [
    '0.9.9',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
    '10.0.0',
    '99999999999999999999.0.0'
  ]
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) t.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} and ${b}`)
  }
})

t.test('what has a tail is a preview', async t => {
  t.strictSame(['1.0.0', '1.0.0-rc.1'].map(isPreview), [false, true])
})
