// Loaded before everything else. CommonJS and old syntax, so that a Node that is too old says one sentence instead of a
// stack trace.
'use strict';

var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(
    `Nightshift needs Node.js 20.19 or later; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exit(5);
}
