// The spec reporter, and where WELKIN_REPORT names a file, its totals in it as JSON.
const { writeFileSync } = require('node:fs')
const { reporters } = require('mocha')

module.exports = class Reporter extends reporters.Spec {
  constructor (runner, options) {
    super(runner, options)
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats
      if (process.env.WELKIN_REPORT !== undefined) writeFileSync(process.env.WELKIN_REPORT, JSON.stringify({ passes, failures, pending }))
    })
  }
}
