# The identity that the agent's container runs as.
resource "aws_iam_role" "agent" {
  name = "parcel-desk-agent"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "bedrock-agentcore.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "agent" {
  name = "parcel-desk-agent"
  role = aws_iam_role.agent.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "*"
      Resource = "*"
    }]
  })
}

resource "aws_bedrockagentcore_agent_runtime" "desk" {
  agent_runtime_name = "parcel_desk"
  role_arn           = aws_iam_role.agent.arn

  agent_runtime_artifact {
    container_configuration {
      container_uri = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/parcel-desk:1.0.0"
    }
  }

  network_configuration {
    network_mode = "PUBLIC"
  }
}
