/** EC2 instances of ours: nothing desires them; clean-up and the collector take them away. Name = instance id. */
