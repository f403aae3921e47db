
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
