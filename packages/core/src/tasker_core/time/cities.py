"""Well-known cities that name no time zone of their own, with the zone whose clock they follow.

The tz database names a zone after its most populous city only; no list of cities that is small enough to be loaded with
every service holds the rest. Not complete, and not meant to be: a city that is not here gets no suggestion.
"""

from typing import Final

_BY_ZONE: Final = {
    "Asia/Ho_Chi_Minh": "Hanoi, Da Nang, Hai Phong",
    "Asia/Shanghai": "Beijing, Shenzhen, Guangzhou, Chengdu, Hangzhou, Wuhan, Nanjing, Tianjin, Xi'an, Suzhou, Peking",
    "Asia/Kolkata": "Mumbai, Delhi, New Delhi, Bangalore, Bengaluru, Chennai, Hyderabad, Pune, Ahmedabad, Bombay",
    "Asia/Karachi": "Lahore, Islamabad, Faisalabad, Rawalpindi",
    "Asia/Tokyo": "Osaka, Kyoto, Yokohama, Nagoya, Sapporo, Fukuoka, Kobe",
    "Asia/Seoul": "Busan, Incheon, Daegu",
    "Asia/Riyadh": "Jeddah, Mecca, Medina, Dammam",
    "Asia/Dubai": "Abu Dhabi, Sharjah",
    "Asia/Jerusalem": "Haifa",
    "Europe/Istanbul": "Ankara, Izmir",
    "Europe/Berlin": "Munich, München, Hamburg, Frankfurt, Cologne, Köln, Stuttgart, Düsseldorf, Leipzig, Dresden",
    "Europe/Zurich": "Geneva, Basel, Bern, Lausanne, Genf",
    "Europe/Vienna": "Graz, Linz, Salzburg, Innsbruck, Wien",
    "Europe/Paris": "Lyon, Marseille, Toulouse, Nice, Bordeaux, Lille, Strasbourg",
    "Europe/Rome": "Milan, Milano, Naples, Turin, Florence, Venice, Bologna, Roma",
    "Europe/Madrid": "Barcelona, Valencia, Seville, Bilbao",
    "Europe/Lisbon": "Porto",
    "Europe/London": "Manchester, Edinburgh, Glasgow, Liverpool, Leeds, Bristol, Cardiff",
    "Europe/Dublin": "Cork, Galway",
    "Europe/Amsterdam": "Rotterdam, The Hague, Eindhoven, Utrecht",
    "Europe/Brussels": "Antwerp, Ghent",
    "Europe/Stockholm": "Gothenburg, Malmö",
    "Europe/Oslo": "Bergen, Trondheim",
    "Europe/Copenhagen": "Aarhus",
    "Europe/Warsaw": "Krakow, Kraków, Gdansk, Wroclaw, Poznan, Lodz",
    "Europe/Prague": "Brno",
    "Europe/Bucharest": "Cluj, Cluj-Napoca, Timisoara",
    "Europe/Kyiv": "Lviv, Odesa, Kharkiv",
    "Europe/Moscow": "Saint Petersburg, St. Petersburg",
    "America/New_York": "Washington, Washington DC, Boston, Philadelphia, Miami, Atlanta, Pittsburgh, Baltimore",
    "America/Chicago": "Houston, Dallas, Austin, San Antonio, Minneapolis, New Orleans, St. Louis, Memphis, Milwaukee",
    "America/Denver": "Salt Lake City, Albuquerque",
    "America/Phoenix": "Tucson, Scottsdale",
    "America/Los_Angeles": "San Francisco, Seattle, San Diego, San Jose, Las Vegas, Sacramento, Palo Alto",
    "America/Toronto": "Ottawa, Québec, Quebec City",
    "America/Edmonton": "Calgary",
    "America/Mexico_City": "Guadalajara, Puebla",
    "America/Sao_Paulo": "Rio de Janeiro, Brasilia, Brasília, Belo Horizonte, Curitiba, Porto Alegre",
    "America/Bogota": "Medellin, Medellín, Cali",
    "America/Guayaquil": "Quito",
    "America/Santiago": "Valparaiso",
    "Africa/Johannesburg": "Cape Town, Durban, Pretoria",
    "Africa/Lagos": "Abuja, Kano, Ibadan",
    "Africa/Casablanca": "Rabat, Marrakesh, Marrakech, Tangier",
    "Africa/Cairo": "Alexandria, Giza",
    "Australia/Sydney": "Canberra, Newcastle",
    "Australia/Brisbane": "Gold Coast",
    "Pacific/Auckland": "Wellington, Christchurch",
}
CITIES: Final = {city: name for name, cities in _BY_ZONE.items() for city in cities.split(", ")}
"""The zone of each city."""
