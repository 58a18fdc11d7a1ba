/** Running ECS tasks: nothing desires them; clean-up and the collector take them away. Name = cluster/task id. */
