"""The daemon on the box: intake, inspection, store, rules, dashboard, operations. Never a GPU library."""
