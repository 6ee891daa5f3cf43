print("logtail")
