package single

allowed_domains := {"corp.example", "partner.example", "audit.example", "legal.example", "cloud.example"}
risk_rank := {"low": 0, "medium": 1, "high": 2, "critical": 3}

sensitive if input.args.data_type == "sensitive"

deny contains "d1" if input.agent.revoked
deny contains "d2" if {
	input.tool.category == "delete"
	input.context.environment == "prod"
	input.agent.type == "agent"
}
deny contains "d3" if {
	sensitive
	not split(input.args.recipient, "@")[1] in allowed_domains
}

review contains "v1" if input.tool.category in {"delete", "transfer", "publish"}
review contains "v2" if {
	input.tool.name in {"export_data", "write_database"}
	input.agent.role != "admin"
	sensitive
	input.args.size > 1000
}
review contains "v3" if risk >= 60

risk_part contains ["category", 40] if input.tool.category == "write"
risk_part contains ["data_type", 30] if sensitive
risk_part contains ["size", 20] if input.args.size > 1000
risk_part contains ["environment", 20] if input.context.environment == "prod"
risk := min([100, sum([p[1] | some p in risk_part])])

allow contains "a1" if {
	input.tool.name in input.agent.tools
	risk_rank[input.requested_risk] <= risk_rank[input.agent.max_risk]
}
allow contains "a2" if {
	input.tool.category == "read"
	not sensitive
}
allow contains "a3" if {
	"ops" in input.user.groups
	input.context.environment == "dev"
}

default decision := "deny"
decision := "deny" if {
	count(deny) > 0
} else := "review" if {
	count(review) > 0
} else := "allow" if {
	count(allow) > 0
}
