import { mapConcurrently } from '@welkin/async'
import { directoryOptions } from '@welkin/daemon/kernel'
import type { Directory } from '@welkin/interface'
import { Timeline } from '@welkin/platform-virtual'
import { expect } from 'chai'
import { LightCloud } from '../bench/names/light-cloud.ts'
import { note, noteKind, textOf } from './directory-kit.ts'

describe('the directory of many sites', () => {
  it('finds from everywhere what was put anywhere, though all nodes have started at once', async function () {
    this.timeout(60_000)
    const timeline = new Timeline()
    await timeline.until((async () => {
      const cloud = new LightCloud(timeline, {
        nodes: 600, siteNodes: 100, seed: 'many sites', directory: directoryOptions.parse({}), kind: noteKind()
      })
      const at = (place: number): Directory => cloud.directory(place % cloud.size) as Directory
      await Promise.all(Array.from({ length: cloud.size }, async (_, place) => { await cloud.powerOn(place) }))
      await new Promise<void>(resolve => { timeline.after(60_000, resolve) })
      const keys = Array.from({ length: 400 }, (_, i) => `k${i}`)
      await mapConcurrently(keys, 50, async (key, i) => await at(7 * i).put('note', key, note(1, key)))
      const got = await mapConcurrently(keys, 50, async (key, i) => textOf(await at(11 * i + 3).get('note', key)))
      expect(got).to.deep.equal(keys)
    })())
  })
})
