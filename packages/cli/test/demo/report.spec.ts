import { expect } from 'chai'
import { formatReport, type Report } from '../../src/demo/report.ts'

describe('the report of the demonstration', () => {
  const lastLine = (seconds: number, oneProcessSeconds: number): string | undefined => {
    const report: Report = {
      folder: '/data', nodes: [], objects: 8, files: 3, bytes: 100, seconds, oneProcessSeconds,
      agreed: true, differing: [], omitted: []
    }
    return formatReport(report).trimEnd().split('\n').at(-1)
  }

  it('says by how much one process was faster', () => {
    expect(lastLine(17.2, 1)).to.equal('On one machine, one process wins: it was 17 times as fast.')
    expect(lastLine(1.25, 0.5)).to.equal('On one machine, one process wins: it was 2.5 times as fast.')
  })

  it('says by how much the cloud was faster where it was', () => {
    expect(lastLine(2, 3)).to.equal('The cloud was 1.5 times as fast.')
  })
})
