package store

// Killed is the process that TestKilledWriterLeavesNoHalfObjects kills.
var Killed = killed
