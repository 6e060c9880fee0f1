# The identity that the agent's container runs as.
data "aws_caller_identity" "current" {}

resource "aws_iam_role" "agent" {
  name = "parcel-desk-agent"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "bedrock-agentcore.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
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
      Action   = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource = aws_dynamodb_table.orders.arn
    }]
  })
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer"

  attribute {
    name = "customer"
    type = "N"
  }
}

resource "aws_bedrockagentcore_agent_runtime" "desk" {
  agent_runtime_name = "parcel_desk"
  role_arn           = aws_iam_role.agent.arn

  agent_runtime_artifact {
    container_configuration {
      container_uri = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/parcel-desk@sha256:3d5ed973e45820f5ba5e46bd065bd88b3a504ff0724d85980dcd05eab361fcf4"
    }
  }

  authorizer_configuration {
    custom_jwt_authorizer {
      discovery_url    = "https://login.parcel-desk.example/.well-known/openid-configuration"
      allowed_audience = ["parcel-desk"]
    }
  }

  network_configuration {
    network_mode = "VPC"
    network_mode_config {
      subnets         = var.subnets
      security_groups = [aws_security_group.agent.id]
    }
  }
}

resource "aws_security_group" "agent" {
  name   = "parcel-desk-agent"
  vpc_id = var.vpc
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.agent.id
  referenced_security_group_id = var.endpoints
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_cloudwatch_log_group" "agent" {
  name              = "/aws/bedrock-agentcore/parcel-desk"
  retention_in_days = 400
}

variable "vpc" {
  type = string
}

variable "subnets" {
  type = list(string)
}

variable "endpoints" {
  type        = string
  description = "The security group of the private endpoints for the model and the table."
}
