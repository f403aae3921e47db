
holds(c) if { c.op == "eq"; attr[c.attr] == c.value }
holds(c) if { c.op == "ne"; attr[c.attr] != c.value }
holds(c) if { c.op == "in"; attr[c.attr] in c.value }
holds(c) if { c.op == "gt"; attr[c.attr] > c.value }
holds(c) if { c.op == "ge"; attr[c.attr] >= c.value }
holds(c) if { c.op == "lt"; attr[c.attr] < c.value }
holds(c) if { c.op == "starts_with"; startswith(attr[c.attr], c.value) }
holds(c) if { c.op == "ends_with"; endswith(attr[c.attr], c.value) }

matched contains r.effect if {
	some r in data.by_tool[input.tool.name]
	every c in r.conditions { holds(c) }
}

matched contains r.effect if {
	some r in data.global
	every c in r.conditions { holds(c) }
}

default decision := "deny"
decision := "deny" if {
	"deny" in matched
} else := "review" if {
	"review" in matched
} else := "allow" if {
	"allow" in matched
}
