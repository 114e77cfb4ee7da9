"""The ways in and out: SMS through Twilio, Telegram, and simulated phones. One module talks to one provider."""
