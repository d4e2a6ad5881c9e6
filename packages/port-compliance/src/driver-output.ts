import { expect } from 'chai'
import type { DriverPorts } from './driver.ts'
import { collectText, fileOf, ID, OTHER_ID, outputHas, outputText, specOf } from './driver-specs.ts'
import { rejects } from './rejects.ts'
import type { Fact } from './world.ts'

export function outputFacts (fact: Fact<DriverPorts>): void {
  streamFacts(fact)
  directoryFacts(fact)
}

function streamFacts (fact: Fact<DriverPorts>): void {
  fact('keeps both streams apart, and what was written after the task has ended', async ({ driver, programs }) => {
    await (await driver.run(specOf(programs.prints('to the world')))).ended
    await (await driver.run(specOf(programs.complains('to the log'), { attempt: 1 }))).ended
    const output = driver.output(ID)
    expect(await outputText(output, 'stdout')).to.equal('to the world')
    expect(await outputText(output, 'stderr')).to.equal('to the log')
    expect(await output.size()).to.deep.equal({ stdout: 12, stderr: 10 })
  })

  fact('appends the output of each attempt to that of the last', async ({ driver, programs }) => {
    for (const [attempt, text] of ['one ', 'two ', 'three'].entries()) {
      await (await driver.run(specOf(programs.prints(text), { attempt }))).ended
    }
    expect(await outputText(driver.output(ID))).to.equal('one two three')
  })

  fact('reads on from a position, and no more than was asked for', async ({ driver, programs }) => {
    await (await driver.run(specOf(programs.prints('0123456789')))).ended
    const output = driver.output(ID)
    const [chunk, ...more] = await output.read({ stdout: 4, stderr: 0 }, 3)
    expect(more).to.deep.equal([])
    expect({ ...chunk, bytes: new TextDecoder().decode(chunk?.bytes) })
      .to.deep.equal({ stream: 'stdout', offset: 4, bytes: '456' })
    expect(await output.read({ stdout: 10, stderr: 0 }, 100)).to.deep.equal([])
  })

  fact('has nothing to read from an object it does not know', async ({ driver }) => {
    expect(await driver.output(OTHER_ID).size()).to.deep.equal({ stdout: 0, stderr: 0 })
    expect(await driver.output(OTHER_ID).read({ stdout: 0, stderr: 0 }, 100)).to.deep.equal([])
  })

  fact('tells whoever watches that there is more', async ({ driver, programs }) => {
    const seen = outputHas(driver.output(ID), 'at last')
    const task = await driver.run(specOf(programs.prints('at last')))
    await seen
    await task.ended
  })
}

function directoryFacts (fact: Fact<DriverPorts>): void {
  fact('puts files where the task finds them', async ({ driver, programs }) => {
    const files = [fileOf('in/deep.txt', 'given content')]
    await (await driver.run(specOf(programs.printsFile('in/deep.txt'), { files }))).ended
    expect(await outputText(driver.output(ID))).to.equal('given content')
  })

  fact('rejects EINVAL for a file that would leave the directory', async ({ driver, programs }) => {
    for (const path of ['../out', '/out', 'in/../../out', '', '.']) {
      await rejects(driver.run(specOf(programs.exits(0), { files: [fileOf(path, 'x')] })), 'EINVAL')
    }
  })

  fact('collects what the task wrote, also in an earlier attempt', async ({ driver, programs }) => {
    await (await driver.run(specOf(programs.writesFile('result.txt', 'forty-two')))).ended
    expect(await collectText(driver, 'result.txt')).to.equal('forty-two')
    await (await driver.run(specOf(programs.exits(0), { attempt: 1 }))).ended
    expect(await collectText(driver, 'result.txt')).to.equal('forty-two')
  })

  fact('rejects the collection of what is not there, is no file, or stands outside', async ({ driver, programs }) => {
    const files = [fileOf('in/deep.txt', 'given content')]
    await (await driver.run(specOf(programs.exits(0), { files }))).ended
    await rejects(collectText(driver, 'none'), 'ENOENT')
    for (const path of ['in', '.', '', '../out', '/etc/passwd', 'in/../../out']) {
      await rejects(collectText(driver, path), 'EINVAL')
    }
  })

  fact('forgets a removed task with all it wrote', async ({ driver, programs }) => {
    await (await driver.run(specOf(programs.prints('gone')))).ended
    await driver.remove(ID)
    await driver.remove(ID)
    expect(await driver.recover(ID)).to.equal(undefined)
    expect(await outputText(driver.output(ID))).to.equal('')
    await rejects(collectText(driver, 'result.txt'), 'ENOENT')
  })
}
