import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseSums } from '../../src/demo/sums.ts'

const HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

describe('sums', () => {
  it('are read with their paths, without the leading "./"', () => {
    expect([...parseSums(`${HASH}  ./a/b c\n${HASH} *x\n`)]).to.deep.equal([['a/b c', HASH], ['x', HASH]])
  })

  it('have escaped names where the line says so, and only there', () => {
    const sums = parseSums(`\\${HASH}  ./a\\nb\\\\n\\r\n${HASH}  ./c\\nd\n`)
    expect([...sums.keys()]).to.deep.equal(['a\nb\\n\r', 'c\\nd'])
  })

  it('are refused where a line is something else', () => {
    expect(() => parseSums('sha256sum: x: Permission denied\n')).to.throw('no line of sha256sum')
  })

  it('are understood as sha256sum prints them, odd names and all', function () {
    const folder = mkdtempSync(join(tmpdir(), 'welkin-sums-'))
    try {
      const names = [
        'plain', 'two words', 'new\nline', 'back\\slash', 'back\\nslash', 'é', '-dash', 'cr\r', ' lead', '*star'
      ]
      for (const name of names) writeFileSync(join(folder, name), name)
      const script = 'find . -type f -exec sha256sum {} +'
      const printed = execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' })
      const expected = names.map(name => [name, createHash('sha256').update(name).digest('hex')])
      expect([...parseSums(printed)]).to.have.deep.members(expected)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
