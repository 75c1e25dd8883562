"""What browsers get around the API: headers, cookies, the page, the documentation."""
