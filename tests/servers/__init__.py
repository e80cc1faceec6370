"""Real database servers that tests start themselves: in folders of their own, on free ports of the loopback device."""
