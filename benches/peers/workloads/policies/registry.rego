package registry

default allow := false

allow if {
	agent := data.agents[input.agent_id]
	input.tool_id in agent.tools
	data.risk[input.requested_risk] <= data.risk[agent.max_risk]
}
