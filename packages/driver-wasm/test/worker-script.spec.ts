import { expect } from 'chai'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { scriptOf } from '../src/worker-script.ts'

describe('the script of a worker', () => {
  let folder: string

  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'welkin-script-')) })
  afterEach(async () => await rm(folder, { recursive: true }))

  const scriptFrom = async (files: Record<string, string>): Promise<string> => {
    for (const [name, source] of Object.entries(files)) await writeFile(join(folder, name), source)
    return scriptOf(pathToFileURL(join(folder, 'main.js')).href)
  }

  it('does what its modules do, each once, with names of their own', async () => {
    const script = await scriptFrom({
      'main.js': "import { parentPort } from 'node:worker_threads';\nimport { next as count, Box } from './a.js';\n" +
        "import { twice } from './b.js';\nconst own = new Box(twice());\n" +
        'parentPort.postMessage([own.value, count()]);\n//# sourceMappingURL=main.js.map',
      'a.js': 'let own = 0;\nexport function next() { return ++own; }\nexport class Box {\n' +
        '  constructor (value) { this.value = value; }\n}\n',
      'b.js': "import { next } from './a.js';\nconst own = 2;\nexport const twice = () => own * next();\nexport {};\n"
    })
    const worker = new Worker(script, { eval: true })
    const message = await new Promise((resolve, reject) => { worker.once('message', resolve).once('error', reject) })
    expect(message).to.deep.equal([2, 2])
    await worker.terminate()
  })

  it('is refused of what it cannot be made of', async () => {
    const codes = {
      'export * from "./a.js";': 'export \\*', 'import own from "./a.js";': 'import own',
      'export let own = 1;': 'export let', "import { own } from './main.js';": 'imports itself'
    }
    for (const [source, told] of Object.entries(codes)) {
      const failure = await scriptFrom({ 'main.js': source }).then(() => undefined, (error: unknown) => error)
      expect(failure).to.be.instanceOf(TypeError).with.property('message').that.matches(new RegExp(told))
    }
  })
})
