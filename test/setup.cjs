// One deadline may cut short any number of calls; Node would warn of more than ten.
require('node:events').setMaxListeners(0)

// A bug surfaces as a rejection that nobody handles: it must fail the test, which mocha alone does not see to.
process.on('unhandledRejection', reason => { throw reason })
